import { expect, test } from "vitest";
import { knownWait } from "./last-line.ts";

test.each([
  ["waiting for hypervisor response", "hypervisor"],
  ["Waiting for response from node hv-07 (attempt 12)", "hypervisor"],
  ["still waiting for the VM to come up", "hypervisor"],
  ["polling for guest agent", "hypervisor"],
  ["no response from libvirtd", "hypervisor"],
  ["node did not respond, trying again", "hypervisor"],
  ["trying to acquire lock... VM is locked (backup)", "lock"],
  ["Waiting for cache lock: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 812 (apt)", "lock"],
  ["can't lock file '/var/lock/qemu-server/lock-101.conf' - got timeout", "lock"],
  ["cp: error writing '/var/lib/vz/101.qcow2': No space left on device", "disk"],
  ["ssh: connect to host 192.0.2.7 port 22: Connection timed out", "network"],
  ["Temporary failure in name resolution", "name"],
  ["Do you want to continue? [Y/n]", "input"],
  ["root@198.51.100.4's password:", "input"],
  ["No valid host was found", "capacity"],
  ["Downloading debian-13.qcow2  34%", "download"],
])("%s", (line, key) => {
  expect(knownWait(line)?.key).toBe(key);
});

test("lines that say nothing about waiting are not recognised", () => {
  for (const line of ["copied 3 of 9 disks", "started instance", "setting root password done", "", undefined])
    expect(knownWait(line), line).toBeUndefined();
});
