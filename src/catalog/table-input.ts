import type { Table, TableInput } from "./model.js";

/** The members of a Table that a TableInput has. */
export function tableInputOf(table: Table): TableInput {
  const {
    DatabaseName: _d,
    CreateTime: _c,
    UpdateTime: _u,
    CreatedBy: _b,
    IsRegisteredWithLakeFormation: _l,
    CatalogId: _i,
    VersionId: _v,
    ...input
  } = table;
  return input;
}
