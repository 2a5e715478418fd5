// Writes policy.schema.json from the policy's zod schema. Run by: node --conditions=@capfence/source packages/core/scripts/write-policy-schema.js
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { policyJsonSchema } from '../src/policy/load/schema.ts'

const file = fileURLToPath(new URL('../policy.schema.json', import.meta.url))
writeFileSync(file, `${JSON.stringify(policyJsonSchema(), null, 2)}\n`)
