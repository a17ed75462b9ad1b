-- What others than staff may see: viewer tokens, and the mask over personal data in texts.

-- A token that a panel hands to its customer. Only its hash is kept. Expired ones are deleted after a day.
create table viewer_token (
  id            uuid primary key,
  workspace_id  int not null references workspace(id),
  token_hash    bytea not null unique,
  scope         jsonb not null,     -- { targets?, ownerId?, project?, actor? }
  hidden_fields text[] not null default '{}',
  staff_as      text,               -- the name under which staff appear; null: they do not
  created_by    text not null,      -- key/<id> or staff/<id>
  created_at    timestamptz not null,
  expires_at    timestamptz not null
);
create index viewer_token_expiry on viewer_token (expires_at);

-- A text without the e-mail addresses and IP addresses in it. The same as maskText in record/personal.ts: keep them alike.
create function mask_personal(source text) returns text language plpgsql immutable parallel safe cost 200 as $$
begin
  if source is null or source !~ '@|[0-9]\.[0-9]|:' then return source; end if;
  source := regexp_replace(source, '[^] \t\r\n@<>"''(),;:[{}]{1,64}@[^] \t\r\n@<>"''(),;:[{}]{1,254}', '•••', 'g');
  source := regexp_replace(source, '[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}', '•••', 'g');
  source := regexp_replace(source, '(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}', '•••', 'g');
  source := regexp_replace(source, '(?:[0-9a-fA-F]{1,4}:){1,7}:(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){0,6})?', '•••', 'g');
  return regexp_replace(source, '::[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){0,6}', '•••', 'g');
end
$$;
