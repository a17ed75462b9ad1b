import { createServer, type Socket } from "node:net";

// A mail server that takes everything and keeps nothing, in a process of its own: as little as SMTP can be (RFC 5321, with PIPELINING), so that
// what is measured is who sends. Its first argument is how many milliseconds it takes to answer to a message.
const delayMs = Number(process.argv[2] ?? 0);
const END = "\r\n.\r\n";
let taken = 0;

const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on("error", () => {});
  socket.write("220 sink ESMTP\r\n");
  let rest = "";
  let isMessage = false;
  socket.on("data", (chunk) => {
    rest += chunk.toString("latin1");
    for (;;) {
      const end = isMessage ? rest.indexOf(END) : rest.indexOf("\r\n");
      if (end < 0) break;
      const line = rest.slice(0, end);
      rest = rest.slice(end + (isMessage ? END.length : 2));
      if (isMessage) accept(socket);
      isMessage = isMessage ? false : answer(socket, line);
    }
  });
});

function accept(socket: Socket): void {
  taken++;
  const reply = () => socket.write(`250 2.0.0 Ok: queued as ${taken.toString(16).padStart(10, "0")}\r\n`);
  if (delayMs === 0) reply();
  else setTimeout(reply, delayMs);
}

/** True if a message follows. */
function answer(socket: Socket, line: string): boolean {
  const verb = line.slice(0, 4).toUpperCase();
  if (verb === "EHLO") socket.write("250-sink\r\n250-PIPELINING\r\n250-SIZE 26214400\r\n250 8BITMIME\r\n");
  else if (verb === "DATA") socket.write("354 go on\r\n");
  else if (verb === "QUIT") socket.end("221 bye\r\n");
  else socket.write("250 ok\r\n");
  return verb === "DATA";
}

server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${(server.address() as { port: number }).port}\n`);
});
