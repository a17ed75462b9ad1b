import { catchUpPolicies, overlapPolicies, type Schedule, type ScheduleInput } from "@daybook/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { saveSchedule } from "../../api/schedules.ts";
import { allZones } from "../../lib/zone.ts";
import { Field } from "../../ui/field.tsx";
import { NextTimes } from "./definition.tsx";
import { inputOf, newValues, type Values, valuesOf } from "./schedule-values.ts";

/** After so long without a key the expression is looked at. */
const REST_MS = 300;

interface ScheduleFormProps {
  workspace: string;
  /** The one that is changed; left out, a new one. */
  schedule?: Schedule;
  onDone: () => void;
}

/** Makes or changes a schedule; what the expression means is said while one types. */
export function ScheduleForm({ workspace, schedule, onDone }: ScheduleFormProps) {
  const client = useQueryClient();
  const [values, setValues] = useState<Values>(() => (schedule ? valuesOf(schedule) : newValues));
  const set = (name: keyof Values) => (text: string) => setValues((before) => ({ ...before, [name]: text }));
  const [fault, setFault] = useState<string | null>(null);
  const save = useMutation({
    mutationFn: (input: ScheduleInput) => saveSchedule(workspace, values.name, input),
    onSuccess: () => {
      for (const key of ["schedules", "schedule", "schedule-runs", "upcoming-runs"])
        void client.invalidateQueries({ queryKey: [key, workspace] });
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const input = inputOf(values, schedule);
    setFault(typeof input === "string" ? input : null);
    if (typeof input !== "string") save.mutate(input);
  };
  return (
    <form className="new-thing schedule-form" onSubmit={submit}>
      {schedule ? null : (
        <Field label="Name" required value={values.name} onText={set("name")} placeholder="nightly-backup" />
      )}
      <Times workspace={workspace} values={values} set={set} />
      <Field label="Description" value={values.description} onText={set("description")} />
      <Work values={values} set={set} />
      {fault || save.isError ? (
        <p className="fault" role="alert">
          {fault ?? save.error?.message}
        </p>
      ) : null}
      <div className="actions">
        <button type="submit" className="btn primary" disabled={save.isPending}>
          {schedule ? "Save" : "Make the schedule"}
        </button>
        <button type="button" className="btn" onClick={onDone}>
          Cancel
        </button>
      </div>
    </form>
  );
}

interface WorkProps {
  values: Values;
  set: (name: keyof Values) => (text: string) => void;
}

/** What it runs, and what becomes of runs that are late, missed or in each other's way. */
function Work({ values, set }: WorkProps) {
  const monitored = values.type.trim() === "";
  return (
    <>
      <Field
        label="Type of the task that it makes"
        value={values.type}
        onText={set("type")}
        placeholder="instance.backup"
        hint="Empty: something else runs it, and checks in."
      />
      {monitored ? null : (
        <div className="field wide">
          <label htmlFor="schedule-payload">Payload</label>
          <textarea
            id="schedule-payload"
            className="input mono"
            rows={3}
            value={values.payload}
            placeholder="{ }"
            spellCheck={false}
            onChange={(event) => set("payload")(event.target.value)}
          />
        </div>
      )}
      <div className="form-row">
        <Field
          label="Grace, seconds"
          type="number"
          min={0}
          value={values.grace}
          onText={set("grace")}
          hint="How late before it is down."
        />
        {monitored ? null : (
          <>
            <Choice label="Missed runs" value={values.catchUp} options={catchUpPolicies} onChoose={set("catchUp")} />
            <Choice label="Still running" value={values.overlap} options={overlapPolicies} onChoose={set("overlap")} />
          </>
        )}
      </div>
    </>
  );
}

interface TimesProps extends WorkProps {
  workspace: string;
}

/** The expression and its zone, with what they mean. */
function Times({ workspace, values, set }: TimesProps) {
  const cron = useRested(values.cron.trim());
  return (
    <>
      <div className="form-row">
        <Field
          label="Cron expression"
          required
          className="mono"
          value={values.cron}
          onText={set("cron")}
          spellCheck={false}
          hint="minute hour day month weekday"
        />
        <div className="field">
          <label htmlFor="schedule-zone">Time zone</label>
          <select
            id="schedule-zone"
            className="input"
            value={values.timeZone}
            onChange={(event) => set("timeZone")(event.target.value)}
          >
            {allZones().map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </div>
      </div>
      {cron === "" ? null : <NextTimes workspace={workspace} cron={cron} timeZone={values.timeZone} open />}
    </>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly string[];
  onChoose: (value: string) => void;
}

function Choice({ label, value, options, onChoose }: ChoiceProps) {
  return (
    <label className="field">
      <span>{label}</span>
      <select className="input" value={value} onChange={(event) => onChoose(event.target.value)}>
        {options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
    </label>
  );
}

function useRested(value: string): string {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), REST_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}
