/**
 * The most days that a file link is valid. A signing key rests for at least as long before it is regenerated. This module
 * has no imports, because the command line loads it for --help.
 */
export const maxLinkDays = 30;
