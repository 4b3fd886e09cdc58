"""``portalkit templates``: where the text of a page comes from."""

import click

from portalkit.cli.application import host_plugins
from portalkit.config import PortalConfig
from portalkit.hooks import load_plugins
from portalkit.rendering.layers import Layer, LayeredLoader, make_layers

__all__ = ("templates_group",)


@click.group("templates")
def templates_group() -> None:
    """Say which file a template comes from."""


@templates_group.command("why")
@click.argument("name")
@click.pass_obj
def why(config: PortalConfig, name: str) -> None:
    """Print the layers of the template NAME, for example sales/list.html.

    The first one is used. Each lower one is what "!NAME" means in the one above it.
    """
    layers = make_layers(load_plugins(config, host_plugins()), template_dir=config.template_dir)
    found = LayeredLoader(layers).why(name)
    if not found:
        searched = ", ".join(
            dict.fromkeys(layer.name for layer in layers if _may_have(layer, name))
        )
        raise click.ClickException(f"no layer has {name!r} (looked into: {searched})")
    for place, (layer, path) in enumerate(found):
        mark = "used" if place == 0 else "below"
        click.echo(f"{mark:<6} {layer.name:<12} {layer.role:<9} {path}")


def _may_have(layer: Layer, name: str) -> bool:
    return layer.owners is None or name.partition("/")[0] in layer.owners
