/**
 * What the TypeScript side and the compiled addon must agree on. Raise it with every change of what
 * the addon's functions take or give; the build compiles it in.
 */
export const ADDON_VERSION = 2

/** The name of the compiled addon, wherever it stands. */
export const ADDON_FILE = 'raw_socket.node'
