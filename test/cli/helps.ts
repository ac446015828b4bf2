// Asks every command that it is given for its help, one after the other in one process: to read the modules takes far longer than to
// answer. Between two answers stands a NUL; each ends with a NUL and its exit code.

const WITO = new URL('../../src/cli/wito.ts', import.meta.url).href
const [node = '', , ...commands] = process.argv

for (const command of commands) {
  process.argv = [node, 'wito', ...command.split(' '), '--help']
  await import(`${WITO}?${encodeURIComponent(command)}`)
  process.stdout.write(`\0${process.exitCode}\0`)
  process.stdout.removeAllListeners('error')
  process.exitCode = undefined
}
