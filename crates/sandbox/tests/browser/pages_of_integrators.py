"""The web pages that an integrator writes: a shop with the stand-in for the vendor's script, and a help desk."""

import json

SHOP = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Lamp shop</title>
<style>
  body {{ font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 46rem; padding: 1rem; }}
  .gone {{ display: none; }}
</style>
<script src="{sdk}"></script>
<script>
  window.seen = [];
  Upscope('on', 'sessionRequest', () => window.seen.push('sessionRequest'));
  Upscope('on', 'sessionStart', () => window.seen.push('sessionStart'));
  Upscope('on', 'sessionContinue', () => window.seen.push('sessionContinue'));
  Upscope('on', 'sessionEnd', () => window.seen.push('sessionEnd'));
  Upscope('init', {configuration});
</script></head>
<body>
  <header><strong>Lamp shop</strong> <a href="/elsewhere.html">Help</a></header>
  <main>
    <h1>Your order</h1>
    <p>Please read this code to our agent: <strong id="code">…</strong></p>
    <p>Name <input id="name" value=""></p>
    <p>Password <input id="password" type="password" value="hunter2secret"></p>
    <p>Card <input id="card" value="4111 1111 1111 1111"></p>
    <p>Tax number <input id="tax" class="no-upscope" value="DE123"></p>
    <div id="private" class="no-upscope">Only for the customer</div>
    <p class="gone">Not displayed</p>
    <ul id="list"></ul>
  </main>
  <script>
    for (let number = 1; number <= 120; number += 1) {{
      const item = document.createElement('li');
      item.id = `article-${{number}}`;
      item.textContent = `Article ${{number}}`;
      document.getElementById('list').append(item);
    }}
  </script>
</body></html>
"""

HELP_DESK = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Help desk</title>
<style>
  body {{ font: 16px/1.5 system-ui, sans-serif; margin: 0; padding: 0 1rem; background: #f4f1ea; }}
  iframe {{ width: 100%; height: 480px; border: 1px solid #998; }}
</style></head>
<body>
  <h1>Help desk of Example Inc.</h1>
  <iframe id="session" src="{watch_url}" title="Co-browsing session"></iframe>
  <script>
    window.statuses = [];
    window.endings = [];
    window.addEventListener('message', (event) => {{
      if (event.source !== document.getElementById('session').contentWindow) return;
      if (event.data.type === 'sessionStatusUpdate') window.statuses.push(event.data.sessionStatus);
      if (event.data.type === 'sessionEnded') window.endings.push(event.data.reason);
    }});
  </script>
</body></html>
"""


def shop(sandbox, **configuration):
    configuration = {"lookupCodeElement": "#code", "uniqueId": "customer-1", "identities": ["Jane Doe"]} | configuration
    # The page's own script must not end at a name that contains the end of a script.
    encoded = json.dumps(configuration).replace("<", "\\u003c")
    return SHOP.format(sdk=f"{sandbox.origin}/_sandbox/sdk.js", configuration=encoded)


def help_desk_page(watch_url):
    return HELP_DESK.format(watch_url=watch_url)
