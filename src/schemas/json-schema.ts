import { z } from 'zod'

/**
 * JSON Schema 2020-12 of a document. Open as published, since fields are added within a major version; `closed` also
 * refuses fields it does not name, for tests.
 */
export function jsonSchema(name: string, shape: z.ZodType, closed: boolean): Readonly<Record<string, unknown>> {
  const { $schema, ...rest } = z.toJSONSchema(shape, {
    target: 'draft-2020-12',
    io: closed ? 'output' : 'input',
    reused: 'inline',
  })
  return { $schema, $id: `urn:intremap:schema:${name}:1`, title: `intremap/${name}`, ...rest }
}
