"""Pickle the state of moto, in which there are locks and local functions."""

import io
import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from joblib.externals import cloudpickle

Dict = TypeVar("Dict", bound="defaultdict[Any, Any]")
_LOCKS = {type(make()): make for make in (threading.Lock, threading.RLock)}


class _Pickler(cloudpickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        """Replace a lock with a free one, and take moto's own kinds of defaultdict apart.

        A kind of defaultdict with an __init__ of its own cannot be made again by calling it.
        """
        if type(obj) in _LOCKS:
            return _LOCKS[type(obj)], ()
        if isinstance(obj, defaultdict) and type(obj) is not defaultdict:
            return _bare, (type(obj), obj.default_factory), vars(obj), None, iter(obj.items())
        return super().reducer_override(obj)


def pickled(value: Any) -> bytes:
    """Return a value as bytes, which `pickle.loads` reads."""
    buffer = io.BytesIO()
    _Pickler(buffer).dump(value)
    return buffer.getvalue()


def _bare(kind: type[Dict], factory: Callable[[], Any] | None) -> Dict:
    made = kind.__new__(kind)
    made.default_factory = factory
    return made
