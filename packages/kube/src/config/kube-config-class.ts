/**
 * All that is used of the client library, as a module of its own: it is loaded by `import()`, and only what is
 * named in a static export can be cut out of a library by a bundler (2.5 of 17.5 MB here).
 */
export { KubeConfig } from '@kubernetes/client-node'
