"""A pool of threads whose work is not waited for: the exit waits for it."""
# stdout: submitted

from concurrent.futures import ThreadPoolExecutor

import upscope

client = upscope.Client()
pool = ThreadPoolExecutor(8)
futures = [pool.submit(client.list_visitors, max_results=2) for _ in range(24)]
print("submitted")
