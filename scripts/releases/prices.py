"""Prices of instances that host endpoints, where a source is known."""

# In dollars an hour, by region and type, with the source and its date. Check AWS's own page.
_PRICES = {("us-east-1", "ml.m5.xlarge"): (0.269, "zircon.tech, October 2025")}
HOURS_PER_MONTH = 730


def hourly_price(region: str, instance_type: str, count: int) -> tuple[float | None, str]:
    """Return the price of instances in dollars an hour, or None, with its source."""
    if not instance_type:  # serverless
        return None, "billed by the request"
    price, source = _PRICES.get((region, instance_type), (None, "unknown"))
    return (None if price is None else round(price * count, 4)), source
