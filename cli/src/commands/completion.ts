import { type Command, COMMON_OPTIONS } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { CliError } from '../failure.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const

/** @param all every command; this one is added, for it cannot be among them before it is made */
export function completionCommand(all: () => readonly Command[]): Command {
  return {
    name: 'completion',
    usage: SHELLS.join('|'),
    summary: 'Prints what makes a shell complete commands and options',
    details: `bash: source <(steelyard completion bash)
zsh:  source <(steelyard completion zsh)
fish: steelyard completion fish | source`,
    options: {},
    arguments: [1, 1],
    run: ({ arguments: [asked = ''] }) => {
      const shell = SHELLS.find((one) => one === asked)
      if (shell === undefined) {
        throw new CliError(EXIT.usage, `completion ${JSON.stringify(asked)} is none of ${SHELLS.join(', ')}`)
      }
      const script = SCRIPTS[shell](all())
      return { data: { shell, script }, text: () => script }
    },
  }
}

const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], (all: readonly Command[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}

/** Words that are no options. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = { explain: ['service', 'address'], completion: SHELLS }

function wordsOf({ name, options }: Command): readonly string[] {
  const names = [...Object.keys(options), ...Object.keys(COMMON_OPTIONS)].map((option) => `--${option}`)
  return [...(ARGUMENTS[name] ?? []), ...names]
}

function bashScript(all: readonly Command[]): string {
  const names = all.map(({ name }) => name).join(' ')
  const cases = all.map((command) => `    ${command.name}) words="${wordsOf(command).join(' ')}" ;;`)
  return `_steelyard() {
  local words current="\${COMP_WORDS[COMP_CWORD]}"
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  [ "$COMP_CWORD" -eq 1 ] && words="${names}"
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
    -f|--filename|--delete|--state|--kubeconfig) COMPREPLY=($(compgen -f -- "$current")); return ;;
    -o|--output) words="json yaml text" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _steelyard steelyard kubectl-steelyard
`
}

function zshScript(all: readonly Command[]): string {
  return `autoload -U +X bashcompinit && bashcompinit\n${bashScript(all)}`
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`\'`)}'`

function fishScript(all: readonly Command[]): string {
  const lines = all.flatMap((command) => {
    const { name, summary, options } = command
    const within = `-n '__fish_seen_subcommand_from ${name}'`
    return [
      `complete -c steelyard -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
      ...(ARGUMENTS[name] ?? []).map((word) => `complete -c steelyard ${within} -f -a ${word}`),
      ...Object.entries(options).map(([option, { short, help }]) => {
        const letter = short === undefined ? '' : ` -s ${short}`
        return `complete -c steelyard ${within} -l ${option}${letter} -d ${quoted(help)}`
      }),
    ]
  })
  const common = Object.entries(COMMON_OPTIONS).map(
    ([option, { short, help }]) =>
      `complete -c steelyard -l ${option}${short === undefined ? '' : ` -s ${short}`} -d ${quoted(help)}`,
  )
  return `${[...lines, ...common].join('\n')}\n`
}
