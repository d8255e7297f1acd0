/**
 * All that is used of the YAML library, as a module of its own: it is loaded by `import()` only for a kubeconfig
 * that is not JSON, and a bundler keeps the names of a CommonJS library only behind a static export.
 */
export { parse, YAMLParseError } from 'yaml'
