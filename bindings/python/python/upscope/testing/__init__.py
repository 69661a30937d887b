"""Tests of your own code with a local sandbox of the service.

    pip install upscope[testing]

This package is a pytest plugin, which pytest loads by itself. The fixture `upscope_sandbox` is a `Sandbox`, which it
resets before each test. The fixture `upscope_client` is an `upscope.Client` that calls it:

    def test_name(upscope_sandbox, upscope_client):
        upscope_sandbox.put_visitor("1234", name="Ann")
        upscope_sandbox.faults({"status": 503})
        assert upscope_client.get_visitor("1234").name == "Ann"
        assert len(upscope_sandbox.requests()) == 2  # the second request is the retry

While a test uses one of them, `UPSCOPE_API_KEY` and `UPSCOPE_BASE_URL` name the sandbox, so that `upscope.Client()` in
your code calls it too. With pytest-xdist, each worker has its own sandbox. The fixture `upscope_sandbox_arguments`
returns the arguments of the program; override it with the scope "session". `-p no:upscope.testing` disables the plugin.

Without pytest, use `sandbox`.

The sandbox is the program `UPSCOPE_SANDBOX`, otherwise that of the installed package `upscope-sandbox`, otherwise
`upscope-sandbox` on the `PATH`.
"""

# For a `conftest.py` with `pytest_plugins = ["upscope.testing"]` where pytest does not load plugins by itself.
pytest_plugins = ("upscope.testing._fixtures",)

# Importing `typing` would take longer than importing the rest of the package.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._sandbox import Sandbox as Sandbox
    from ._sandbox import SandboxError as SandboxError
    from ._sandbox import sandbox as sandbox

__all__ = ["Sandbox", "SandboxError", "sandbox"]


# Imported on first use, because every run of pytest imports this module.
def __getattr__(name: str) -> object:
    if name in __all__:
        from . import _sandbox

        value: object = getattr(_sandbox, name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
