"""Entry of the command: `kizuna` and `python -m kizuna`."""

from __future__ import annotations

import os


def main() -> None:
    """Run the command line, with the threads of the linear algebra library held back.

    Our matrices are tiny; its threads would spin beside our work and double its processor time.
    The environment has to say so before NumPy is imported.
    """
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    from kizuna.cli import main as run

    run()


if __name__ == "__main__":
    main()
