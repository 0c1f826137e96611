"""Pickle the state of moto, in which there are locks and local functions."""

import threading
from collections import defaultdict
from collections.abc import Callable
from typing import IO, Any, TypeVar

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


def dump(value: Any, file: IO[bytes]) -> None:
    """Write a value to a file, from which `pickle.load` reads it."""
    _Pickler(file).dump(value)


def _bare(kind: type[Dict], factory: Callable[[], Any] | None) -> Dict:
    result = kind.__new__(kind)
    result.default_factory = factory
    return result
