/** Norwegian words of words, by their English text. */
export const words = {
  "{0} and {1}": "{0} og {1}",
};
