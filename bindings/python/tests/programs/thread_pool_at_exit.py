"""Submits work to a thread pool and does not wait for it. The exit waits for it."""
# stdout: submitted

from concurrent.futures import ThreadPoolExecutor

import upscope

client = upscope.Client()
pool = ThreadPoolExecutor(8)
futures = [pool.submit(client.list_visitors, max_results=2) for _ in range(24)]
print("submitted")
