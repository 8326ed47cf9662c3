"""What CloudBlue's own client sees of the sandbox: one line of JSON for each check.

client.py --list            the sentences that are checked
client.py '{"connect": …}'  checks them; the argument says where the sandbox is, see `Sandbox`
"""

import json
import sys
import traceback
from types import SimpleNamespace

# The client loads this for its help texts alone, and it takes seconds.
sys.modules['inflect'] = SimpleNamespace(engine=lambda: None)

from checks import CHECKS  # noqa: E402
from checks.sandbox import Sandbox  # noqa: E402


def run(check, sandbox):
    """Begin with an empty sandbox; what goes wrong is the answer, and the next check runs all the same."""
    try:
        sandbox.control('POST', 'reset')
        check(sandbox)
        return None
    except AssertionError as error:
        return f'{error}\n{traceback.format_exc(limit=-2)}'
    except Exception:
        return traceback.format_exc()


def main(argument):
    if argument == '--list':
        for sentence in CHECKS:
            print(json.dumps(sentence))
        return
    sandbox = Sandbox(**json.loads(argument))
    for sentence, check in CHECKS.items():
        print(json.dumps({'check': sentence, 'problem': run(check, sandbox)}), flush=True)


main(sys.argv[1])
