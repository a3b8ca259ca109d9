import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Document, PROFILE, type Texts } from './render.ts'

/** Reads what people wrote; the profile from `directory`, where its tables are kept up to date. */
export async function readTexts(directory: string): Promise<Texts> {
  const own = (name: string): URL => new URL(name, import.meta.url)
  const names = (await readdir(own('./examples/'))).filter((name) => name.endsWith('.mjs')).sort()
  const examples = await Promise.all(
    names.map(async (name) => [name, await readFile(own(`./examples/${name}`), 'utf8')] as const),
  )
  return {
    template: await readFile(own('./template.md'), 'utf8'),
    examples: Object.fromEntries(examples),
    profile: await readFile(join(directory, PROFILE), 'utf8'),
  }
}

/** Paths of the documents whose file is missing or says something else. */
export async function staleOf(documents: readonly Document[], directory: string): Promise<string[]> {
  const found = await Promise.all(
    documents.map(({ path }) => readFile(join(directory, path), 'utf8').catch(() => undefined)),
  )
  return documents.filter(({ text }, index) => found[index] !== text).map(({ path }) => path)
}

export async function writeAll(documents: readonly Document[], directory: string): Promise<void> {
  for (const { path, text } of documents) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), text)
  }
}
