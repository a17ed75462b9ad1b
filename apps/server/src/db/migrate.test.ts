import { testDatabase } from "@daybook/testkit";
import { expect, test } from "vitest";
import { migrate, pendingMigrations } from "./migrate.ts";
import { openPools } from "./pool.ts";

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

/** A database of its own whose owner is no superuser and may not create roles, as managed databases have it. */
async function plainOwner(name: string, grants: string[]): Promise<{ url: string; close: () => Promise<void> }> {
  const database = await testDatabase();
  const [role, empty] = [`plain_${name}`, `plain_${name}`];
  for (const sql of [`create role ${role} login password 'plain'`, ...grants, `create database ${empty} owner ${role}`])
    await database.ownerDb.query(sql);
  const url = new URL(database.url);
  [url.pathname, url.username, url.password] = [`/${empty}`, role, "plain"];
  const close = async () => {
    await database.ownerDb.query(`drop database ${empty} with (force)`);
    await database.ownerDb.query(`drop role ${role}`);
    await database.close();
  };
  return { url: url.href, close };
}

test("the owner of a database who was granted the application role needs no more rights", async () => {
  const plain = await plainOwner("granted", ["grant daybook_app to plain_granted"]);
  const { db, ownerDb } = openPools(plain.url, 2);
  expect((await migrate(ownerDb)).applied.length).toBeGreaterThan(1);
  expect((await db.query("select current_user as role")).rows).toEqual([{ role: "daybook_app" }]);
  await expect(db.query("delete from event")).rejects.toThrow(/permission denied/);
  await Promise.all([db.end(), ownerDb.end()]);
  await plain.close();
});

test("an owner who may not take the application role is told what the administrator has to run", async () => {
  const plain = await plainOwner("bare", []);
  const { db, ownerDb } = openPools(plain.url, 2);
  await expect(migrate(ownerDb)).rejects.toThrow(/grant daybook_app to plain_bare/);
  await Promise.all([db.end(), ownerDb.end()]);
  await plain.close();
});

test("two processes that migrate at once do it once", async () => {
  const plain = await plainOwner("twice", ["grant daybook_app to plain_twice"]);
  const pools = [1, 2].map(() => openPools(plain.url, 2));
  const results = await Promise.all(pools.map(({ ownerDb }) => migrate(ownerDb)));
  expect(results.map(({ applied }) => applied.length).sort()).toEqual([0, results[0]?.total]);
  const workspaces = await pools[0]?.ownerDb.query("select slug from workspace");
  expect(workspaces?.rows).toEqual([{ slug: "main" }]);
  for (const { db, ownerDb } of pools) await Promise.all([db.end(), ownerDb.end()]);
  await plain.close();
});
