"""Runs a command on a pseudo terminal and types into it: argv[1] is JSON, {"command": [...], "env": {...}, "steps": [[wait for this text, then type this], ...]}.
Prints JSON: {"output": what the terminal showed, "status": the exit status}."""
import json, os, pty, re, select, signal, sys, time

job = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    os.execvpe(job["command"][0], job["command"], {**os.environ, **job["env"]})

shown, seen, deadline = b"", 0, time.monotonic() + job["limit"]

def plain():
    """What is to be read, without colours and moves of the cursor."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode("utf8", "replace"))

def read():
    global shown
    ready, _, _ = select.select([terminal], [], [], 1)
    if not ready:
        return True
    try:
        some = os.read(terminal, 65536)
    except OSError:  # the other side is gone
        return False
    shown += some
    return len(some) > 0

going = True
for expected, typed in job["steps"]:
    while going and expected not in plain()[seen:] and time.monotonic() < deadline:
        going = read()
    seen = len(plain())
    if going:
        os.write(terminal, typed.encode())
while going and time.monotonic() < deadline:
    going = read()
if going:
    os.kill(pid, signal.SIGKILL)
_, status = os.waitpid(pid, 0)
print(json.dumps({"output": shown.decode("utf8", "replace"), "status": os.waitstatus_to_exitcode(status)}))
