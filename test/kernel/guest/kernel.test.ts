import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { choosePlace, placeLine } from '../place.ts'
import { kernelCache, kernelFolder, newestBuilt } from './kernel-file.ts'
import { hashOf } from './recipe.ts'
import { chooseSource, readMadison } from './source-choice.ts'

describe('the source of the kernel for guests', () => {
  const MADISON = [
    'linux-source-7.2 |   7.2.13-1 | http://archive.example/debian sid/main amd64 Packages',
    'linux-source-7.2 | 7.2.12-1~bpo13+1 | http://archive.example/debian trixie-backports/main amd64 Packages',
    'linux-source-7.10 | 7.10.4-1~bpo13+1 | http://archive.example/debian trixie-backports/main amd64 Packages',
    'linux-source-7.11 | 7.11~rc3-1~exp1 | http://archive.example/debian experimental/main amd64 Packages',
    'linux-source-6.12 |  6.12.57-1 | http://archive.example/debian trixie/main amd64 Packages',
  ]

  it('is the newest there is, by number and not by letter, and no pre-release', () => {
    assert.deepEqual(chooseSource(readMadison(MADISON)), {
      name: 'linux-source-7.10',
      version: '7.10.4-1~bpo13+1',
      kernel: '7.10.4',
    })
  })

  it('is none where all are too old for the processors of today', () => {
    assert.equal(chooseSource(readMadison(MADISON.slice(4))), undefined)
  })

  it('is not taken from a line that is something else', () => {
    assert.deepEqual(readMadison(['', 'N: Unable to locate package', 'linux-source | 7.2.13-1 | x']), [])
  })
})

describe('a kernel in the cache', () => {
  it('stands where the user keeps caches, by version and recipe', () => {
    assert.equal(kernelCache({ XDG_CACHE_HOME: '/c' }), '/c/steelyard/kernel')
    assert.equal(kernelFolder('7.2.13', 'abc'), '7.2.13-abc')
  })

  it('is the newest of those built by the recipe of now', () => {
    const built = ['7.2.9-abc', '7.2.13-abc', '7.3.1-old', '.building-x']
    assert.equal(newestBuilt(built, 'abc'), '7.2.13-abc')
    assert.equal(newestBuilt(built, 'new'), undefined)
  })

  it('is another when an option or a command changes, not when a comment does', () => {
    const base = hashOf('CONFIG_A=y\n', ['make'])
    assert.equal(hashOf('# why\nCONFIG_A=y\n\n', ['make']), base)
    assert.notEqual(hashOf('CONFIG_A=y\nCONFIG_B=y\n', ['make']), base)
    assert.notEqual(hashOf('CONFIG_A=y\n', ['make', 'all']), base)
  })
})

describe('the place where the kernel ring runs', () => {
  const PLACES = [
    ["the machine's own kernel when it has everything", undefined, [], 'own'],
    ['guests when it lacks something', undefined, ['VRF'], 'guest'],
    ['guests when told so', 'guest', [], 'guest'],
    ['the own kernel when told so, whatever it lacks', 'own', ['VRF'], 'own'],
    ['as if nothing was told by an empty word', '', [], 'own'],
  ] as const
  for (const [what, told, lacking, kind] of PLACES) {
    it(`is ${what}`, () => assert.equal(choosePlace({ told, lacking, kernel: '6.1' }).kind, kind))
  }

  it('is told in a line, with what is lacking by name', () => {
    const place = choosePlace({ told: undefined, lacking: ['VRF', 'IPVS'], kernel: '6.1' })
    assert.equal(
      placeLine(place),
      "the kernel ring runs in guests, one a file: this machine's kernel 6.1 lacks VRF, IPVS",
    )
  })

  it('is not guessed from a word that is neither', () => {
    assert.throws(() => choosePlace({ told: 'uml', lacking: [], kernel: '6.1' }), /there are own and guest/)
  })
})
