import { contrast, contrastMin, type Setting, settingLimits, type WorkspaceSettingName } from "@daybook/contract";
import { type ChangeEvent, type ReactNode, useState } from "react";
import { allZones } from "../../lib/zone.ts";

type Value = Setting["value"];

export interface ControlProps {
  id: string;
  value: Value;
  disabled: boolean;
  invalid: boolean;
  describedBy: string;
  onChange: (value: Value) => void;
}

export interface Control {
  title: string;
  Input: (props: ControlProps) => ReactNode;
}

/** How each setting is called and entered. */
export const controls: Record<WorkspaceSettingName, Control> = {
  timeZone: { title: "Time zone", Input: ZoneInput },
  brandName: { title: "Name", Input: TextInput },
  accentColour: { title: "Accent colour", Input: ColourInput },
  logo: { title: "Logo", Input: LogoInput },
  redactFields: { title: "Further field names", Input: ListInput },
  noticeNewLocation: { title: "Sign-in from a new location", Input: SwitchInput },
  noticeSessionExpired: { title: "Session expired", Input: SwitchInput },
  mailFrom: { title: "Sender", Input: TextInput },
  mailFromName: { title: "Sender's name", Input: TextInput },
  mailReplyTo: { title: "Answers go to", Input: TextInput },
  digestTo: { title: "Daily digest to", Input: ListInput },
  staffAs: { title: "Staff appear as", Input: TextInput },
  viewerOrigins: { title: "Pages that may show it", Input: ListInput },
  requireTwoFactors: { title: "Require two factors", Input: SwitchInput },
  sessionIdleMinutes: {
    title: "Unused sign-ins end after",
    Input: (props) => <NumberInput {...props} unit="minutes" />,
  },
  sessionHours: { title: "Any sign-in ends after", Input: (props) => <NumberInput {...props} unit="hours" /> },
};

const text = (value: Value): string => (typeof value === "string" ? value : "");

function common({ id, disabled, invalid, describedBy }: ControlProps) {
  return { id, disabled, "aria-invalid": invalid, "aria-describedby": describedBy };
}

function TextInput(props: ControlProps) {
  const onChange = (event: ChangeEvent<HTMLInputElement>) => props.onChange(event.target.value);
  return (
    <input {...common(props)} className="input" value={text(props.value)} onChange={onChange} autoComplete="off" />
  );
}

function NumberInput({ unit, ...props }: ControlProps & { unit: string }) {
  const shown = typeof props.value === "number" ? props.value : "";
  const onChange = (event: ChangeEvent<HTMLInputElement>) =>
    props.onChange(event.target.value === "" ? "" : event.target.valueAsNumber);
  return (
    <span className="with-unit">
      <input
        {...common(props)}
        className="input"
        type="number"
        required
        min={1}
        step={1}
        value={shown}
        onChange={onChange}
      />
      {unit}
    </span>
  );
}

function ZoneInput(props: ControlProps) {
  return (
    <select
      {...common(props)}
      className="input"
      value={text(props.value)}
      onChange={(event) => props.onChange(event.target.value)}
    >
      {allZones().map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  );
}

/** A switch: a checkbox that tells what it is now. */
function SwitchInput(props: ControlProps) {
  const on = props.value === true;
  return (
    <span className="switch">
      <input
        {...common(props)}
        type="checkbox"
        role="switch"
        aria-checked={on}
        checked={on}
        onChange={(event) => props.onChange(event.target.checked)}
      />
      <span aria-hidden="true">{on ? "On" : "Off"}</span>
    </span>
  );
}

/** One a line. What is typed stays as typed; empty lines do not count. */
function ListInput(props: ControlProps) {
  const items = Array.isArray(props.value) ? props.value.map(String) : [];
  const [typed, setTyped] = useState(items.join("\n"));
  const linesOf = (lines: string) =>
    lines
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean);
  // Changed from outside, by saving or undoing.
  const shown = linesOf(typed).join("\n") === items.join("\n") ? typed : items.join("\n");
  return (
    <textarea
      {...common(props)}
      className="input mono"
      rows={Math.min(8, Math.max(2, items.length + 1))}
      placeholder="One a line"
      spellCheck={false}
      value={shown}
      onChange={(event) => {
        setTyped(event.target.value);
        props.onChange(linesOf(event.target.value));
      }}
    />
  );
}

/** The colour, and how well white text can be read on it. */
function ColourInput(props: ControlProps) {
  const chosen = text(props.value);
  const known = /^#[0-9a-f]{6}$/i.test(chosen) ? chosen : undefined;
  const found = known ? contrast(known, "#ffffff") : undefined;
  return (
    <>
      <span className="colour">
        <input
          type="color"
          aria-label="Accent colour, from a palette"
          disabled={props.disabled}
          value={known ?? "#4f46e5"}
          onChange={(event) => props.onChange(event.target.value)}
        />
        <input
          {...common(props)}
          className="input mono"
          placeholder="#4f46e5"
          maxLength={7}
          spellCheck={false}
          value={chosen}
          onChange={(event) => props.onChange(event.target.value || null)}
        />
      </span>
      {known && found !== undefined ? (
        <span className="hint">
          {found >= contrastMin
            ? "White text can be read on it"
            : "White text can hardly be read on it: choose a darker one"}{" "}
          ({found.toFixed(1)} : 1, at least {contrastMin} : 1)
        </span>
      ) : null}
    </>
  );
}

function LogoInput(props: ControlProps) {
  const [fault, setFault] = useState("");
  const logo = text(props.value);
  if (props.disabled)
    return (
      <span className="logo">{logo ? <img src={logo} alt="The logo" /> : <span className="soft">None</span>}</span>
    );
  const take = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    event.target.value = "";
    if (!file) return;
    if (file.type !== "image/png") return setFault("Choose a PNG.");
    if (file.size > settingLimits.logoBytesMax)
      return setFault(
        `It has ${Math.ceil(file.size / 1024)} KB; at most ${settingLimits.logoBytesMax / 1024} KB are allowed.`,
      );
    setFault("");
    props.onChange(await dataUrlOf(file));
  };
  return (
    <span className="logo">
      {logo ? <img src={logo} alt="The logo" /> : null}
      <label className="btn">
        {logo ? "Choose another" : "Choose a PNG"}
        <input
          {...common(props)}
          type="file"
          accept="image/png"
          className="only-read"
          onChange={(event) => void take(event)}
        />
      </label>
      {logo ? (
        <button type="button" className="btn" onClick={() => props.onChange(null)}>
          Remove
        </button>
      ) : null}
      {fault ? (
        <span className="fault" role="alert">
          {fault}
        </span>
      ) : null}
    </span>
  );
}

function dataUrlOf(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
