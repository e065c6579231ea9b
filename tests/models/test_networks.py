"""Networks on images of any size: shapes, the order of pixels and colours, no pixel forgotten."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from models.data_range import DataRange
from models.networks import ConvolutionalOptions, MlpOptions, NetworkMisfitError, check_network
from models.networks.convolutional import ConvolutionalDecoder, ConvolutionalEncoder

SHAPES = [(16, 16), (28, 28), (17, 23), (33, 16, 3), (8, 8)]


def images(shape: tuple[int, ...]) -> DataRange:
    return DataRange.of_levels(torch.Size(shape).numel(), 256, shape)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("channels", [[4], [4, 6], [4, 6, 8]], ids=len)
def test_every_pixel_goes_in_and_comes_out(shape: tuple[int, ...], channels: list[int]) -> None:
    """Sizes that are no multiple of the stride included: each pixel counts, each is decoded."""
    torch.manual_seed(0)
    data = images(shape)
    options = ConvolutionalOptions(channels=channels, hidden=[12], activation="tanh")
    check_network(options, data)
    x = torch.rand(5, data.num_features, requires_grad=True)
    encoded = options.encoder(data, 7)(x)
    assert encoded.shape == (5, 7)
    (gradient,) = torch.autograd.grad(encoded.square().sum(), x)
    assert (gradient != 0).all()
    decoder = options.decoder(data, 3, 2)
    decoded = decoder(torch.randn(4, 5, 3))
    assert decoded.shape == (4, 5, 2 * data.num_features)
    assert (decoded.flatten(0, 1).std(0) > 0).all()
    one = torch.randn(1, 3)
    torch.testing.assert_close(decoder(one.expand(2, 6, 3))[1, 4], decoder(one)[0])


def test_rows_and_colours_are_in_the_order_of_the_data() -> None:
    """The first convolution worked out by hand on pictures (height, width, colour)."""
    torch.manual_seed(0)
    data, options = images((6, 5, 3)), ConvolutionalOptions(channels=[4], hidden=[])
    encoder, decoder = options.encoder(data, 2), options.decoder(data, 2, 3)
    assert isinstance(encoder, ConvolutionalEncoder)
    assert isinstance(decoder, ConvolutionalDecoder)
    pictures = torch.rand(2, 6, 5, 3)
    padded = functional.pad(pictures, (0, 0, 1, 1, 1, 1))
    layer = encoder.convolutions[0]
    patch = padded[:, 2:6, 2:6]  # what unit (1, 1) sees: rows and columns 1 to 4
    expected = torch.einsum("nhwc,ochw->no", patch, layer.weight) + layer.bias
    seen: list[torch.Tensor] = []
    layer.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    encoder(pictures.flatten(1))
    torch.testing.assert_close(seen[0][:, :, 1, 1], expected)

    decoder.convolutions[-1].register_forward_hook(
        lambda _module, _inputs, output: seen.append(output)
    )
    rows = decoder(torch.randn(2, 2)).view(2, 6, 5, 3, 3)
    for colour in range(3):
        for output in range(3):
            plane = seen[1][:, 3 * colour + output]
            torch.testing.assert_close(rows[..., colour, output], plane)


@pytest.mark.parametrize(
    ("options", "shape", "sentence"),
    [
        (ConvolutionalOptions(), (), "vectors"),
        (ConvolutionalOptions(channels=[4] * 5), (16, 40), "16×40.*give 4 numbers"),
    ],
)
def test_a_network_that_does_not_fit_is_named(
    options: ConvolutionalOptions, shape: tuple[int, ...], sentence: str
) -> None:
    with pytest.raises(NetworkMisfitError, match=sentence):
        check_network(options, images(shape))


def test_a_perceptron_takes_anything() -> None:
    for shape in (*SHAPES, ()):
        check_network(MlpOptions(), images(shape))
