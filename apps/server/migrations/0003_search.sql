-- What search reads out of the JSON columns. Text that PostgreSQL cannot hold (NUL, lone surrogates, which JSON can
-- name by escapes) becomes U+FFFD instead of an error.

create function storable_json(source text) returns json language sql immutable parallel safe as $$
  select case when source ~ '\\u(0000|d[89a-f])'
    then regexp_replace(source, '(?<!\\)((\\\\)*)\\u(0000|d[89a-f][0-9a-f]{2})', '\1\\ufffd', 'g')::json
    else source::json end
$$;

-- The single values in details: the path of member names joined by dots, and the value as text, both in lower case, and
-- the value as it stands. Lists are transparent. The same as leavesOf in packages/contract/src/query/match.ts.
create function event_leaves(details text) returns table (path text, value text, original text)
language sql immutable parallel safe as $$
  with recursive node (path, value) as (
    select null::text, storable_json(details)
    union all
    select next.path, next.value from node cross join lateral (
      select case when node.path is null then member.key else node.path || '.' || member.key end, member.value
        from json_each(case when json_typeof(node.value) = 'object' then node.value end) as member
      union all
      select node.path, element.value
        from json_array_elements(case when json_typeof(node.value) = 'array' then node.value end) as element (value)
    ) as next (path, value)
  )
  select lower(path), lower(coalesce(value #>> '{}', 'null')), coalesce(value #>> '{}', 'null') from node
    where path is not null and json_typeof(value) not in ('object', 'array')
$$;

-- Whether details have a value at a path (lower case) that is one of `exact` or like one of `wild`. Its cost is that of
-- walking through all values; inlined, the planner would take it for much dearer and read indexes in vain to avoid it.
create function event_has_detail(details text, path text, exact text[], wild text[]) returns boolean
language sql immutable parallel safe cost 500 as $$
  select exists (
    select from event_leaves(details) as leaf where leaf.path = $2 and (leaf.value = any($3) or leaf.value like any($4))
  )
$$;

-- The names of the changed fields, in lower case.
create function event_fields(changes text) returns table (field text) language sql immutable parallel safe as $$
  select lower(change ->> 'field') from json_array_elements(storable_json(changes)) as change
$$;

-- The targets after the main one, in lower case.
create function event_more_targets(more_targets text) returns table (type text, id text, name text, owner_id text)
language sql immutable parallel safe as $$
  select lower(target ->> 'type'), lower(target ->> 'id'), lower(target ->> 'name'), lower(target ->> 'ownerId')
    from json_array_elements(more_targets::json) as target
$$;

-- Counts by day of the fields that have many values: actor, target (each target of an event), ip. A follower adds to
-- them a few seconds after the events (record/search/roll-up.ts). The value is what a query finds the events by.
create table event_count_value (
  workspace_id  int not null,
  field         text not null,
  value         text not null,
  day           timestamptz not null,
  label         text,              -- the last name seen for the value
  events        bigint not null,
  primary key (workspace_id, field, value, day)
);
-- The most frequent values of each day are read from here.
create index event_count_value_top on event_count_value (workspace_id, field, day, events desc);
