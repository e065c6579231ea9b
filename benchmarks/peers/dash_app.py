"""Decode on click as a plain Dash app: ``python -m benchmarks.peers.dash_app FOLDER PORT``."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from dash import Dash, Input, Output, dcc, html
from werkzeug.serving import WSGIRequestHandler

from benchmarks.peers.decoding import REACH, SIDE, given


def main() -> None:
    """Serve until told to terminate."""
    decoder, port = given()
    line = np.linspace(-REACH, REACH, SIDE)
    plane = go.Figure(go.Heatmap(x=line, y=line, z=decoder.plane()[::-1]))
    app = Dash(__name__)
    app.layout = html.Div(
        [dcc.Graph(id="plane", figure=plane), dcc.Graph(id="picture"), html.Pre(id="densities")]
    )

    @app.callback(
        Output("picture", "figure"),
        Output("densities", "children"),
        Input("plane", "clickData"),
        prevent_initial_call=True,
    )
    def decode(click):
        z1, z2 = click["points"][0]["x"], click["points"][0]["y"]
        picture, log_prior, log_aggregated_posterior = decoder(z1, z2)
        text = f"log p {log_prior:.3f}, log q {log_aggregated_posterior:.3f}"
        return go.Figure(go.Heatmap(z=picture, colorscale="gray")), text

    # So that a client may keep its connection, which is quicker.
    WSGIRequestHandler.protocol_version = "HTTP/1.1"
    app.run(host="127.0.0.1", port=port, debug=False)


if __name__ == "__main__":
    main()
