/** One spelling for an IP address: lower case, and version 4 where it only stands in version 6's clothes. */
export const plainAddress = (address: string): string =>
  address
    .trim()
    .toLowerCase()
    .replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, '')
