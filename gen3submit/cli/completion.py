"""``gen3submit completion``: what a shell needs to complete commands, options and files."""

from __future__ import annotations

import click


@click.command("completion", short_help="print a script that completes commands in your shell")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script for a shell.

    \b
    bash:  gen3submit completion bash >> ~/.bashrc
    zsh:   gen3submit completion zsh >> ~/.zshrc
    fish:  gen3submit completion fish > ~/.config/fish/completions/gen3submit.fish
    """
    from click.shell_completion import get_completion_class

    from gen3submit.__main__ import COMPLETION
    from gen3submit.cli.main import commands

    found = get_completion_class(shell)
    assert found is not None  # the three that click knows
    click.echo(found(commands, {}, "gen3submit", COMPLETION).source())
