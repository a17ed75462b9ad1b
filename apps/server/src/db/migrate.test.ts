import { testDatabase } from "@daybook/testkit";
import { expect, test } from "vitest";
import { migrate, pendingMigrations } from "./migrate.ts";

test("migrating a migrated database changes nothing", async () => {
  const database = await testDatabase();
  expect((await migrate(database.ownerDb)).applied).toEqual([]);
  expect(await pendingMigrations(database.ownerDb)).toEqual([]);
  await database.close();
});

test("the application role appends to the log and cannot change or delete", async () => {
  const database = await testDatabase();
  await expect(database.db.query("update event set summary = 'x'")).rejects.toThrow(/permission denied/);
  await expect(database.db.query("delete from event")).rejects.toThrow(/permission denied/);
  await expect(database.db.query("truncate event")).rejects.toThrow(/permission denied/);
  await database.db.query("select * from event");
  await database.close();
});

test("every table has its line in privileges.sql", async () => {
  const database = await testDatabase();
  const bare = await database.ownerDb.query(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
       and not has_table_privilege('daybook_app', c.oid, 'select')`,
  );
  expect(bare.rows).toEqual([]);
  await database.close();
});

test("an edited migration file is refused by name", async () => {
  const database = await testDatabase();
  await database.ownerDb.query("update schema_migration set hash = 'other' where name like '0001%'");
  await expect(migrate(database.ownerDb)).rejects.toThrow(/0001_record\.sql is not the file that was applied/);
  await database.close();
});

test("a database of a newer version is refused", async () => {
  const database = await testDatabase();
  await database.ownerDb.query("insert into schema_migration (name, hash) values ('9999_future.sql', 'x')");
  await expect(migrate(database.ownerDb)).rejects.toThrow(/newer Daybook/);
  await database.close();
});
