"""`os._exit` while some calls wait and others run."""
# status: 7

import os
import threading

import upscope

client = upscope.Client()
silent = upscope.Client(base_url=os.environ["SILENT_URL"])
threading.Thread(target=silent.get_usage).start()
client.get_usage()
os._exit(7)
