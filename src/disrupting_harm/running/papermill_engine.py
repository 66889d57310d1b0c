"""Papermill's engine, sparing with saves.

Papermill writes the whole running copy twice a cell: with the figures of many cells in it, that costs as much as the
cells. Here it is written when some time has passed, and when it is interrupted; papermill itself writes it at the end.
"""

from __future__ import annotations

from typing import Any

from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines

ENGINE = "sparing"
_SECONDS = 2.0
"""Between two saves of a running copy."""


class _Engine(NBClientEngine):
    """Executes with nbclient, and saves the running copy seldom."""

    @classmethod
    def execute_managed_notebook(
        cls, manager: NotebookExecutionManager, *words: Any, **settings: Any
    ) -> None:
        """Execute the notebook."""

        def save_seldom(**_: Any) -> None:
            if (manager.now() - manager.last_save_time).total_seconds() >= _SECONDS:
                save()

        save, manager.save = manager.save, save_seldom
        try:
            super().execute_managed_notebook(manager, *words, **settings)
        except BaseException:
            save()
            raise


papermill_engines.register(ENGINE, _Engine)
