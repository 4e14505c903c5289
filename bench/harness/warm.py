"""Keeps memory that the kernel can give out at once, as on a machine of its own: takes BYTES, touches all of it and
gives it back but for one page in each 2 MiB. A virtual machine hands long runs of free memory back to its host, and
getting it again costs several times what writing a file does; these runs stay too short for that.
Says {"event": "ready"} and stays.
"""
import json
import mmap
import sys
import time

run = 2 * 1024 * 1024
size = int(sys.argv[1]) // run * run
memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
memory.madvise(mmap.MADV_NOHUGEPAGE)
page = bytes([1]) * run
for at in range(0, size, run):
    memory[at : at + run] = page
for at in range(0, size, run):
    memory.madvise(mmap.MADV_DONTNEED, at + mmap.PAGESIZE, run - mmap.PAGESIZE)
print(json.dumps({"event": "ready"}), flush=True)
while True:
    time.sleep(3600)
