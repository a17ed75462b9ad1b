-- What the role daybook_app may do: the role of every request. Run again whenever this file or a migration is new.
-- The log can be read and appended to, never changed: there is no UPDATE or DELETE on event. Partitions need no line:
-- they are reached through event. A new table gets its line here; a test fails for a table that has none.

revoke all on all tables in schema public from daybook_app;
grant usage on schema pgboss to daybook_app;
grant select, insert, update, delete on all tables in schema pgboss to daybook_app;
grant usage on all sequences in schema pgboss to daybook_app;
grant execute on all functions in schema pgboss to daybook_app;
grant usage on schema public to daybook_app;
grant usage on all sequences in schema public to daybook_app;

grant select, insert on event, log_checkpoint to daybook_app;
grant select on event_partition, event_count_value, schema_migration to daybook_app;
grant select, insert, update on log_head, log_tile, event_count_hour, event_count_day, redaction_count to daybook_app;
grant select, insert, update, delete on log_leaf, follower, action_override to daybook_app;

grant select, insert, update on workspace, staff, setup_token to daybook_app;
grant select, insert, update, delete on membership, session, api_key, login_throttle, password_link, role, recovery_code to daybook_app;
grant select, insert, update, delete on saved_view to daybook_app;
grant select, insert, update on display_choice to daybook_app;
grant select, insert, delete on viewer_token to daybook_app;
grant select, insert, update on task, task_happening, task_text, task_hour, schedule_run to daybook_app;
grant select, insert, update, delete on task_lines, task_type, task_callback, task_worker, schedule to daybook_app;

grant select, insert, update on mail_message, mail_text, mail_content, mail_attempt, mail_happening, mail_hour, mail_hour_template,
  mail_day_domain to daybook_app;
grant select, insert, update, delete on mail_outbox, mail_rate, mail_key, mail_template, mail_template_version, mail_transport,
  mail_transport_state, mail_suppression, mail_provider, mail_provider_event to daybook_app;
