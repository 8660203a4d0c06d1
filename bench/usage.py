# usage.py PROGRAM ARGUMENT...: runs the program and writes what it used, from its start to its end,
# to descriptor 3. Node cannot ask the system what a child has used; Python can.
import json
import os
import sys
import time

started = time.monotonic()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
wall = time.monotonic() - started
cpu = usage.ru_utime + usage.ru_stime
used = {"wallMs": wall * 1000, "cpuMs": cpu * 1000, "peakMiB": usage.ru_maxrss / 1024}
os.write(3, json.dumps(used).encode())
code = os.waitstatus_to_exitcode(status)
sys.exit(code if code >= 0 else 128 - code)
