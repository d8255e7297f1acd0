import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { jobScript } from './job.ts'
import { readProcessors } from './processor.ts'

const JOB = { command: ['true'], folder: '/', environment: {}, writable: [] }

describe('the job of a guest', () => {
  it('reaches the command word for word, whatever a shell thinks of the words', () => {
    const awkward = [`it's`, '$HOME', 'two words', '`id`', '', 'a\nline', '"', '\\']
    const script = jobScript({
      ...JOB,
      command: [
        process.execPath,
        '-p',
        'JSON.stringify([process.cwd(), process.env.A, process.argv.slice(1)])',
        ...awkward,
      ],
      folder: '/usr',
      environment: { A: `$x 'y'` },
    })
    assert.deepEqual(JSON.parse(execFileSync('sh', ['-c', script], { encoding: 'utf8' })), ['/usr', `$x 'y'`, awkward])
  })

  it('leaves out of the environment what is of the machine, and what no shell takes', () => {
    const environment = {
      TMPDIR: '/t',
      PWD: '/p',
      XDG_RUNTIME_DIR: '/r',
      'BASH_FUNC_f%%': '() {',
      GONE: undefined,
      KEPT: '1',
    }
    assert.deepEqual(jobScript({ ...JOB, environment }).match(/^export .*$/gm), [`export KEPT='1'`])
  })

  it('makes folders writable before anything else', () => {
    assert.match(jobScript({ ...JOB, writable: ['/a b'] }), /^mount -n -t hostfs none '\/a b' -o '\/a b' \|\| exit 1\n/)
  })

  it('has the terminal when it is interactive', () => {
    assert.match(
      jobScript({ ...JOB, command: ['bash'], interactive: true }),
      /setsid --ctty --wait 'bash' <\/dev\/tty0/,
    )
  })
})

describe('the processors that a guest may have', () => {
  const LISTS = [
    ['0', [0]],
    ['0-1', [0, 1]],
    ['1-2,5,8-9', [1, 2, 5, 8, 9]],
    ['', []],
  ] as const
  for (const [list, processors] of LISTS) {
    it(`are ${processors.join(' ')} of "${list}"`, () => assert.deepEqual(readProcessors(list), processors))
  }
})
