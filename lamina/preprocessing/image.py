"""keras.preprocessing.image: single pictures, re-exported from lamina.data."""

from lamina.data import array_to_img, img_to_array, load_img, save_img, smart_resize

__all__ = ["array_to_img", "img_to_array", "load_img", "save_img", "smart_resize"]
