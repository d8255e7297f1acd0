import { realPorts } from './real-ports.ts'
import { run } from './run.ts'

// A reader that has read enough (head, less) ends us without a word.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})
process.exitCode = await run(process.argv.slice(2), realPorts())
