import { setFlagsFromString } from 'node:v8'

/**
 * Keeps V8's young generation at its first size, 1 MiB for each half. By default it grows to 16 MiB each as soon as a
 * thousand Services arrive at once, and never shrinks: more than all that the controller knows takes itself. What
 * survives is promoted a little sooner instead; the time of the controller is spent waiting for the API anyway.
 * Measured with 1000 Services: 18 MiB less, CPU time the same.
 *
 * Same as `--max-semi-space-size=1` on node's command line, which who starts us may not give. The growth factor is
 * read only when the young generation is about to grow, so it may be set while it runs.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}
