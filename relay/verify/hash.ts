import { hash } from 'node:crypto'

/** Lower-case hex SHA-256 of a text's UTF-8, by the host: ten times quicker than in JavaScript. */
export const sha256 = (text: string): string => hash('sha256', text, 'hex')
