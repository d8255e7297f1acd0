import type { BadCommand } from './bad-command.ts'
import type { World } from './command.ts'
import { servedScene } from './scene.ts'

function files(text: string): () => World {
  return () => ({ cluster: servedScene().cluster, files: { 'pool.yaml': text } })
}

const served = (): World => ({ cluster: servedScene().cluster })

const COMMAND_LINES: readonly BadCommand[] = [
  {
    what: 'an unknown command',
    argv: ['staus'],
    exitCode: 64,
    says: 'there is no command "staus"; did you mean status?',
  },
  {
    what: 'an unknown option',
    argv: ['status', '--namspace=x'],
    exitCode: 64,
    says: 'status has no option --namspace; did you mean --namespace?',
  },
  {
    what: 'an option before the command',
    argv: ['-o', 'json', 'status'],
    exitCode: 64,
    says: 'the command comes first, before -o; steelyard help lists them',
  },
  {
    what: 'an option without its value',
    argv: ['status', '--output'],
    exitCode: 64,
    says: "status: Option '-o, --output <value>' argument missing",
  },
  {
    what: 'an unknown format',
    argv: ['status', '-o', 'xml'],
    exitCode: 64,
    says: '--output "xml" is none of text, json, yaml',
  },
  {
    what: 'too few arguments',
    argv: ['explain', 'service'],
    exitCode: 64,
    says: 'explain takes 2 arguments, not 1: steelyard explain service [NAMESPACE/]NAME | address IP',
  },
  {
    what: 'something that cannot be explained',
    argv: ['explain', 'pod', 'x'],
    exitCode: 64,
    says: 'explain "pod" is none of service, address',
  },
  {
    what: 'a Service named in three parts',
    argv: ['explain', 'service', 'a/b/c'],
    exitCode: 64,
    says: '"a/b/c" names no Service; accepted: NAMESPACE/NAME, or NAME',
  },
  {
    what: 'no address',
    argv: ['explain', 'address', '192.168.67'],
    exitCode: 64,
    says: '"192.168.67" is no IP address',
  },
  {
    what: 'migrate without --check',
    argv: ['migrate'],
    exitCode: 64,
    says: 'migrate only looks: steelyard migrate --check; the steps it tells are yours to take',
  },
  {
    what: 'an unknown shell',
    argv: ['completion', 'csh'],
    exitCode: 64,
    says: 'completion "csh" is none of bash, zsh, fish',
  },
]

const NAMES: readonly BadCommand[] = [
  {
    what: 'an unknown Service',
    argv: ['explain', 'service', 'shop/wep'],
    world: served,
    exitCode: 5,
    says: 'there is no Service shop/wep; did you mean shop/web?',
  },
  {
    what: 'an unknown Service, and none like it',
    argv: ['explain', 'service', 'zzzzzzzzzzz'],
    world: served,
    exitCode: 5,
    says: 'there is no Service default/zzzzzzzzzzz; steelyard services lists them',
  },
  {
    what: 'an unknown Node',
    argv: ['maintenance', 'worker-9'],
    world: served,
    exitCode: 5,
    says: 'there is no Node worker-9; did you mean worker-1?',
  },
]

const FILES: readonly BadCommand[] = [
  {
    what: 'a plan without files',
    argv: ['plan'],
    world: served,
    exitCode: 64,
    says: 'plan needs files: steelyard plan -f FILE',
  },
  {
    what: 'a file that is not there',
    argv: ['plan', '-f', 'nowhere.yaml'],
    world: served,
    exitCode: 64,
    says: 'nowhere.yaml: there is no such file',
  },
  {
    what: 'broken YAML',
    argv: ['plan', '-f', 'pool.yaml'],
    world: files('apiVersion: v1\nkind: Service\nmetadata: {name: [}\n'),
    exitCode: 64,
    says: 'pool.yaml:3: not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
  },
  {
    what: 'no object',
    argv: ['plan', '-f', 'pool.yaml'],
    world: files('- 1\n'),
    exitCode: 64,
    says: 'pool.yaml:1: not an object of Kubernetes',
  },
  {
    what: 'an object without kind',
    argv: ['plan', '-f', 'pool.yaml'],
    world: files('apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\napiVersion: v1\nspec: {}\n'),
    exitCode: 64,
    says: 'pool.yaml:5: an object without apiVersion or kind',
  },
  {
    what: 'an object without name',
    argv: ['plan', '-f', 'pool.yaml'],
    world: files('apiVersion: v1\nkind: Service\nmetadata: {}\n'),
    exitCode: 64,
    says: 'pool.yaml:1: a Service without metadata.name',
  },
]

export const BAD_COMMAND_LINES: readonly BadCommand[] = [...COMMAND_LINES, ...NAMES, ...FILES]
