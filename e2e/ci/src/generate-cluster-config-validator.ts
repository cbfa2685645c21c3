/** Compiles the schema of ClusterConfig into plain code; `--check` only compares (ER-10). */
import { readFileSync } from 'node:fs';
import { schemaFile, validatorFile, type SchemaFile } from './cluster-config/schema-file.ts';
import { validatorModule } from './cluster-config/validator.ts';
import { writeOrCheck } from './generated-files.ts';

const { schema, version } = JSON.parse(readFileSync(schemaFile, 'utf8')) as SchemaFile;
await writeOrCheck(new Map([[validatorFile, validatorModule(schema, version)]]));
