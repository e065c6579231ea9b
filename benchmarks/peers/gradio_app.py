"""Decode on click as a plain Gradio app: ``python -m benchmarks.peers.gradio_app FOLDER PORT``."""

from __future__ import annotations

import gradio as gr

from benchmarks.peers.decoding import REACH, SIDE, given


def main() -> None:
    """Serve until told to terminate."""
    decoder, port = given()

    def decode(event: gr.SelectData):
        column, row = event.index
        z1, z2 = (REACH * (2.0 * place / SIDE - 1.0) for place in (column, SIDE - row))
        picture, log_prior, log_aggregated_posterior = decoder(z1, z2)
        densities = {"log_prior": log_prior, "log_aggregated_posterior": log_aggregated_posterior}
        return picture, densities

    with gr.Blocks(analytics_enabled=False) as app:
        plane = gr.Image(decoder.plane(), interactive=False, format="png")
        picture, densities = gr.Image(image_mode="L", format="png"), gr.JSON()
        plane.select(decode, None, [picture, densities], api_name="decode")
        # Also without the queue that is Gradio's default, for its answers take longer.
        other = gr.Image(decoder.plane(), interactive=False, format="png")
        other.select(decode, None, [picture, densities], queue=False, api_name="decode_unqueued")
    app.launch(server_name="127.0.0.1", server_port=port, quiet=True)


if __name__ == "__main__":
    main()
