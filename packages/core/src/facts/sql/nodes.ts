/** A node of the parser's tree: its fields by name. Fields that are zero, false or empty are left out of it. */
export type Fields = Readonly<Record<string, unknown>>

const NONE: Fields = Object.freeze({})

/** The fields of a value that is a node; none where it is anything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : NONE
}

/** A list of nodes; empty where there is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** A text of the tree; empty where there is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The fields of a node that the tree names by its kind, `{ kind: fields }`; undefined where it is of another kind. */
export function fieldsOfKind(node: unknown, kind: string): Fields | undefined {
  const fields = fieldsOf(node)[kind]
  return fields === undefined ? undefined : fieldsOf(fields)
}

/** The kind of a node that the tree names by its kind; undefined for plain fields. */
export function kindOf(node: Fields): string | undefined {
  let kind: string | undefined
  for (const key in node) {
    if (kind !== undefined) return undefined
    kind = key
  }
  if (kind === undefined) return undefined
  const first = kind.charCodeAt(0)
  return first >= 65 && first <= 90 ? kind : undefined
}

/** The texts of a list of names, as in `schema.name`. */
export function namesOf(value: unknown): readonly string[] {
  return listOf(value).map((part) => textOf(fieldsOfKind(part, 'String')?.['sval']))
}

/** The option of a list `( name value, … )`; undefined where it is not among them. */
export function optionOf(options: unknown, name: string): Fields | undefined {
  return listOf(options)
    .map((option) => fieldsOfKind(option, 'DefElem') ?? NONE)
    .find((option) => option['defname'] === name)
}
