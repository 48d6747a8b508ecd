"""``python -m tograph``: the same as the command ``tograph``."""

from .cli import main

raise SystemExit(main())
