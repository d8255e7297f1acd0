/** What a guest is asked to do. */
export type Job = {
  readonly command: readonly string[]
  /** The working folder. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Folders of the machine that can be written from inside; everything else is written to the guest's memory. */
  readonly writable: readonly string[]
  /** Whether the command has the guest's first console as its terminal. */
  readonly interactive?: boolean
}

/** Of the machine, not of the guest: folders that are not there, and what a shell sets itself. */
const NOT_PASSED = new Set(['_', 'OLDPWD', 'PWD', 'SHLVL', 'TMPDIR', 'XDG_RUNTIME_DIR'])

/** The job as a script for the shell of the guest. */
export function jobScript({ command, folder, environment, writable, interactive = false }: Job): string {
  const lines = [
    ...writable.map((path) => `mount -n -t hostfs none ${quote(path)} -o ${quote(path)} || exit 1`),
    ...Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && /^[A-Za-z_]\w*$/.test(name) && !NOT_PASSED.has(name)
        ? [`export ${name}=${quote(value)}`]
        : [],
    ),
    `cd ${quote(folder)} || exit 1`,
    interactive
      ? `stty -F /dev/tty0 sane && exec setsid --ctty --wait ${words(command)} ${ON_TERMINAL}`
      : `exec ${words(command)}`,
  ]
  return `${lines.join('\n')}\n`
}

const ON_TERMINAL = '</dev/tty0 >/dev/tty0 2>/dev/tty0'

function words(command: readonly string[]): string {
  return command.map(quote).join(' ')
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
